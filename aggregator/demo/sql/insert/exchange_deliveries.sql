INSERT INTO exchange_deliveries (delivery, department, period, delivered_at, records, rejected, compared, matched)
