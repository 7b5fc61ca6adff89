"""One file for each format a chain comes in; every module here is found by being here.

A reader is a module with two functions:

``recognises(document) -> bool``
    a quick look at name and first bytes, without parsing;
``read(document) -> Quotes``
    the columns as the file has them, or a ``ChainError`` that says what is wrong.

Guards, sessions that must match, missing volatilities: all that happens once,
for every format, in ``analysis.options.cleaning``.
"""
