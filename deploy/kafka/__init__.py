"""A real Kafka broker of one node without Docker: `Broker` for tests, `python -m deploy.kafka` for a person.

It needs Java 17 or later, and Maven the first time; `deploy/setup.sh kafka` brings both where it may.
"""
