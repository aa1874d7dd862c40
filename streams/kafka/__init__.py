"""Breakwater on Kafka.

Read `names` first: the topics, what each is for and who reads and writes it. `options` are the settings, `connection`
makes clients from them, `topics` makes and checks the topics, `publishing` feeds files to them and `tailing` follows
the alerts.
"""
