"""Contracts in and out."""
