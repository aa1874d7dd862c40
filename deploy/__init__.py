"""What runs Breakwater, beside the program itself: set-up, the image, and Kafka for tests and for trying out."""
