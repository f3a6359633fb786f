"""What have people changed, and what was said to them? (a small database beside the project's output)"""
