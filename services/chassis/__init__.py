"""The shared microservice chassis: everything a service needs that is not its domain."""
