# 激励相关的拒绝原因。每句话都告诉用户该怎么做。
service-months-reversed = 服务月份的结束日期早于开始日期，请将较早的日期填入 from，较晚的日期填入 to。
