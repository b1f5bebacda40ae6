"""The walk before a verdict: is it the file, the till or the machine that stands in the way?"""
