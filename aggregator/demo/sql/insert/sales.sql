INSERT INTO sales (sale, product, village, at, channel, amount)
