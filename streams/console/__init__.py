"""What the console is handed of Kafka, and of the embedded engine: a feed, an outlet, and a server to run it.

`feed` follows the topics and `pulse` sees whether those who write them live; `outlet` takes decisions back; `embedded` is
the feed of the demo; `server` serves the console's app until it is told to stop.
"""
