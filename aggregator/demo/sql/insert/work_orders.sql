INSERT INTO work_orders (work_order, village, door, topic, opened_at, due_at, answered_at, satisfaction, version)
