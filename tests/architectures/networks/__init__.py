"""The networks, in torch.nn; importing any module here needs torch."""
