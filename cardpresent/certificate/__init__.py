"""Findings, requirements and profile become a verdict and its views."""
