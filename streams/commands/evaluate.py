def evaluate() -> None:
    """evaluate"""
