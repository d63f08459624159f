"""The full report: sections as data (`build`), and the two renderers that draw them.

Every figure comes from the protected summary; nothing is counted here. What the city promised,
does and answers comes from the definition and the instance folder.
"""
