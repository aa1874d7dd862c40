"""The routes of accounts, sessions and the audit log."""

from fastapi import APIRouter

from alerts.console.access.routes import log, me, people, providers, signing

routers: tuple[APIRouter, ...] = (signing.router, providers.router, me.router, people.router, log.router)
