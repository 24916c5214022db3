"""A small shop's examples: enough to fit on, few enough to read."""

from csbot.nlu.fitting import Example

ENGLISH = {
    "return_item": """I want to return a shirt
can I send this back
I'd like to return my order
how do I return something I bought
the shoes don't fit, I want to send them back
please start a return for me
I need to return an item
sending back a dress I ordered
return the jumper from my last order
can you take back these trousers""",
    "order_status": """where is my order
has my parcel been shipped yet
when will my package arrive
track my order
I haven't received my delivery
what's the status of my order
my parcel still hasn't come
is my order on its way
where's my package right now
how long until my delivery gets here""",
    "cancel_order": """cancel my order
I want to cancel the order I just placed
please stop my order before it ships
I ordered by mistake, cancel it
don't ship my order, I changed my mind
can I still cancel
cancel order 23190 please
I no longer want what I ordered, cancel it
call off my purchase
undo my order""",
    "human": """I want to speak to a person
get me a human
talk to an agent
can I chat with a real person
connect me to customer service staff
I need someone to help me, not a bot
transfer me to a representative
let me talk to somebody
agent please
is there a human there""",
    "none": """what's the weather today
who won the football match
do you sell gift cards
12345
tell me a joke
what is the capital of France
how are your candles made
can I pay with a voucher
my name is Ada
what size should I take""",
}
CHINESE = {
    "return_item": """我想退货
我要退货
这件衣服可以退吗
帮我办理退货
买错了想退掉
裤子不合适我要退
怎么申请退货
把上周买的毛衣退了
东西不想要了能退吗
退货退货""",
    "order_status": """我的订单到哪了
什么时候能到货
查一下物流
包裹还没收到
我的快递到哪里了
订单发货了吗
怎么还没发货
帮我查订单状态
货到哪儿了
什么时候发货""",
    "cancel_order": """取消订单
我要取消刚下的订单
订单能取消吗
帮我把订单取消掉
不想买了取消吧
下错单了请取消
先别发货我要取消
撤销我的订单
我想取消购买
怎么取消订单""",
    "human": """转人工
我要找人工客服
人工服务
请帮我接人工
我要和真人说话
有没有真人客服
找你们的客服人员
叫个人来
不要机器人
接客服""",
    "none": """今天天气怎么样
讲个笑话
你们卖礼品卡吗
12345
我叫王小明
蜡烛是怎么做的
穿多大码合适
北京在哪里
能用优惠券吗
昨天谁赢了球赛""",
}
TITLES = (
    ("return_item", "en", "Return an item"),
    ("return_item", "zh", "办理退货"),
    ("order_status", "en", "Where is my order?"),
    ("order_status", "zh", "查询订单"),
)


def examples() -> tuple[Example, ...]:
    return tuple(
        Example(text, intent, language)
        for language, by_intent in (("en", ENGLISH), ("zh", CHINESE))
        for intent, texts in by_intent.items()
        for text in texts.splitlines()
    )
