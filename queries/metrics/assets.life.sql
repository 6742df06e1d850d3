/*
title: 资产全程
unit: 项
definition: 到达各环节的资产数：登记为已登记且未处置的全部资产, 确权、移交、管护、收益分配是其中已到该环节的; 处置为已处置的资产, 不在登记数内
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets]
regions: [province, county, township]
rows: places
absent: zero
note: 处置的资产不在登记数内
refresh: change
disclosure: {shown: "资产不涉个人"}
columns:
  - {name: step, title: 环节, type: code, codes: asset_step}
  - {name: assets, title: 资产数, type: count, unit: 项}
*/
SELECT intDiv(village, 1000) AS place,
       step,
       count() AS assets
FROM assets FINAL
ARRAY JOIN if(state = 'disposed', ['disposed'],
              arrayConcat(['registered'],
                          if(confirmed, ['confirmed'], []),
                          if(transferred, ['transferred'], []),
                          if(maintained, ['maintained'], []),
                          if(distributed_income > 0, ['distributed'], []))) AS step
GROUP BY place, step
