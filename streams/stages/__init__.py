"""The stages: each takes frames in, waits for whole ticks, and gives frames or alerts out. They know no Kafka."""
