/*
title: 农户工单：已答复 + 在办 = 受理
definition: 近三十日受理的工单：按渠道计的已答复数加上按事由计的在办数, 等于按日计的受理数
policy: hold
equal:
  expected:
    - {metric: orders.by_day, take: {orders: opened}}
  actual:
    - {metric: orders.by_door, take: {orders: answered}}
    - {metric: orders.by_topic, take: {orders: open}}
  figures:
    - {name: orders, unit: 件}
*/
