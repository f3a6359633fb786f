"""placeholder"""
def adoption() -> None:
    """x"""
