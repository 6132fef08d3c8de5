"""The public face of `irt`: labels, plain input, results that print and turn into frames.

Every number comes from the modules below it; nothing in `irt` imports from here.
"""
