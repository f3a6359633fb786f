"""What does a customer-success leader run the quarter by? (figures of retention, and what follows from scores)"""
