"""The stages on Kafka: what holds a stage's partitions, gives them their messages, and commits what came of it."""
