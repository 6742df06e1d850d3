INSERT INTO fund_flows (flow, project, village, step, at, amount)
