#!/usr/bin/env python3
"""PyTorch's recurrent layers in tokens a second of processor time on one thread, for the same words as tests/bench/cells:

    cells.py NAME WIDTH SENTENCES STEPS both|forward SECONDS      # needs torch
"""

import sys
import time

import torch

torch.set_num_threads(1)
name, width, sentences, steps, mode, seconds = sys.argv[1:7]
layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[name](int(width), int(width))
x = torch.randn(int(steps), int(sentences), int(width), requires_grad=True)
best, begun = float("inf"), time.process_time()
while time.process_time() - begun < float(seconds):
    start = time.process_time()
    if mode == "both":
        y, _ = layer(x)
        y.backward(y.detach())
    else:
        with torch.no_grad():
            layer(x)
    best = min(best, time.process_time() - start)
print(int(int(sentences) * int(steps) / best))
