"""The console: alerts kept as cases in a database, and the API and page in which analysts work on them.

`feed` says what it follows and to whom decisions go; `follow` applies what comes; `tables` and `database` keep it;
`cases` reads it; `api` answers; `stream` tells of changes as they happen; `outbox` hands on decisions; `access` decides
who may do what; `app` ties them together.
"""
