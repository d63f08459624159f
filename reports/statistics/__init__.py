"""Statistics of a consultation, one file per idea. Pure: counts in, figures out.

Whatever imports NumPy is imported where it is used, so that the program starts fast.
"""
