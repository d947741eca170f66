"""How Safar is put on machines: locally, in containers, on Kubernetes."""
