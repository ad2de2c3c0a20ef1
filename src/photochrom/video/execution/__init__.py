"""How a film is rendered: shots, processes, a cluster, a folder to resume from."""
