def validate() -> None:
    """validate"""
