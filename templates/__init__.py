"""The writing desk: the words live in the ``.j2`` files, the types hold the facts."""
