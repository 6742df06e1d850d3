-- The tables of all sixteen systems, the rollups, and the working values that
-- thresholds start with.

-- +goose NO TRANSACTION
-- +goose Up

-- A database that was made before has the first tables without these columns.
{{add "leads" "department" "level"}}
{{add "eliminations" "income_per_head"}}
{{add "assets" "kind" "project" "confirmed" "transferred" "maintained" "condition" "annual_income" "distributed_income"}}
ALTER TABLE reported_totals MODIFY COLUMN subject {{stored "reported_totals" "subject"}};
ALTER TABLE eliminations MODIFY SETTING non_replicated_deduplication_window = 10000;

{{create "accounts"}}
{{create "archive_loans"}}
{{create "archives"}}
{{create "daily_figures"}}
{{create "deliveries"}}
{{create "emergencies"}}
{{create "emergency_households"}}
{{create "emergency_responses"}}
{{create "entities"}}
{{create "exchange_deliveries"}}
{{create "fund_flows"}}
{{create "grids"}}
{{create "income_lines"}}
{{create "incomes"}}
{{create "lotteries"}}
{{create "measures"}}
{{create "organisations"}}
{{create "parameters"}}
{{create "products"}}
{{create "profiles"}}
{{create "projects"}}
{{create "push_schedule"}}
{{create "quarantine"}}
{{create "relative_poverty"}}
{{create "risk_indicators"}}
{{create "rural_households"}}
{{create "sales"}}
{{create "service_health"}}
{{create "sign_ins"}}
{{create "stage_passages"}}
{{create "tickets"}}
{{create "visits"}}
{{create "work_orders"}}
{{create "funds_monthly"}}
{{create "project_funds"}}
{{create "sales_daily"}}
{{create "sign_ins_daily"}}
{{create "visits_daily"}}
{{create "visits_yearly"}}

-- Working values, unless the basis names a policy. A province sets its own by
-- delivering rows with a higher version.
INSERT INTO income_lines (year, yuan, basis, version) VALUES
    (2021, 6500, '海南省2021年防止返贫监测收入线, 人均年可支配收入', 1),
    (2022, 6800, '工作值, 未见公开文件', 1),
    (2023, 7200, '工作值, 未见公开文件', 1),
    (2024, 7600, '工作值, 未见公开文件', 1),
    (2025, 8000, '工作值, 未见公开文件', 1),
    (2026, 8400, '工作值, 未见公开文件', 1);

INSERT INTO push_schedule (department, due_day, expected, basis, version) VALUES
    ('medical_insurance', 5, true, '每月5日前推送自付费用超限人员 (参照外省规则)', 1),
    ('health', 5, true, '每月5日前推送新增大病患者 (参照外省规则)', 1),
    ('education', 5, true, '工作值', 1),
    ('civil_affairs', 5, true, '工作值', 1),
    ('human_resources', 5, true, '工作值', 1),
    ('housing', 5, true, '工作值', 1),
    ('water', 5, true, '工作值', 1),
    ('disabled_federation', 5, true, '工作值', 1),
    ('emergency', 5, true, '工作值; 另在每次灾害后推送', 1),
    ('public_security', 5, true, '工作值', 1),
    ('agriculture', 5, true, '工作值', 1);

INSERT INTO parameters (name, value, unit, basis, version) VALUES
    ('stage_limit.household_check', 7, '日', '工作值: 识别全程原则上不超过20个工作日, 各环节分摊', 1),
    ('stage_limit.village_review', 10, '日', '工作值: 含公示不少于5日', 1),
    ('stage_limit.township_check', 5, '日', '工作值', 1),
    ('stage_limit.county_decision', 6, '日', '工作值', 1),
    ('measure.due_days', 30, '日', '识别后满1个月无帮扶措施须预警', 1),
    ('measure.development_due_days', 180, '日', '有劳动能力满6个月无开发式帮扶须预警', 1),
    ('visit.due_days', 90, '日', '工作值: 监测对象每季度至少走访一次', 1),
    ('expense.rigid_limit', 20000, '元', '参照外省: 自付2万元以上', 1),
    ('risk.red', 60, '分', '工作值', 1),
    ('risk.yellow', 30, '分', '工作值', 1),
    ('forecast.history_days', 84, '日', '工作值: 以近12周按星期平均', 1),
    ('forecast.z', 1.28, '倍', '80%区间的正态分位数', 1),
    ('income.band_width', 2000, '元', '工作值: 收入分档宽度', 1),
    ('change.daily_limit', 20, '%', '工作值: 单日变动超过即提示核对', 1),
    ('recognition.limit_working_days', 20, '工作日', '海南省要求识别全程原则上不超过20个工作日', 1),
    ('ticket.due_days', 3, '日', '工作值: 运维工单提交后满3日未关闭为超期', 1),
    ('service.silent_minutes', 10, '分钟', '工作值: 超过10分钟没有探测视为缺报', 1);

INSERT INTO risk_indicators (indicator, weight, basis, version) VALUES
    ('income_below_line', 25, '工作值', 1),
    ('rigid_expense', 15, '工作值', 1),
    ('serious_illness', 15, '工作值', 1),
    ('disability', 10, '工作值', 1),
    ('no_labour', 15, '工作值', 1),
    ('no_employment', 10, '工作值', 1),
    ('schooling_not_secured', 10, '工作值', 1),
    ('medical_not_secured', 10, '工作值', 1),
    ('housing_not_secured', 10, '工作值', 1),
    ('water_not_secured', 10, '工作值', 1);
