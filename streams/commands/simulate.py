def simulate() -> None:
    """simulate"""
