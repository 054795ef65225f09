"""The field table (2–64) of the UnionPay family and its dialects. Source: domain reference §2.1 [CJ], cross-checked with 29 messages [M]."""

from ..iso8583.fields import Align, Field, Kind, Prefix, Spec

_N, _Z, _T, _B = Kind.NUMERIC, Kind.TRACK, Kind.TEXT, Kind.BINARY
_FIX, _LL, _LLL = Prefix.FIXED, Prefix.LL, Prefix.LLL


def _chinese(number: int, name: str, prefix: Prefix, length: int) -> Field:
    """A text field that may hold Chinese (GBK in the sources; GB18030 is its superset)."""
    return Field(number, name, _T, prefix, length, encoding="gb18030")


UNIONPAY = Spec(
    "unionpay",
    (
        Field(2, "主账号 primary account number", _N, _LL, 19),
        Field(3, "交易处理码 processing code", _N, _FIX, 6),
        Field(4, "交易金额 amount", _N, _FIX, 12),
        _chinese(5, "收单自定义 acquirer private", _LLL, 512),
        _chinese(6, "收单自定义 acquirer private", _LLL, 512),
        _chinese(7, "收单自定义 acquirer private", _LLL, 512),
        Field(11, "凭证号 trace number", _N, _FIX, 6),
        Field(12, "受卡方所在地时间 local time", _N, _FIX, 6),
        Field(13, "受卡方所在地日期 local date", _N, _FIX, 4),
        Field(14, "卡有效期 card expiry", _N, _FIX, 4),
        Field(15, "清算日期 settlement date", _N, _FIX, 4),
        Field(22, "服务点输入方式码 entry mode", _N, _FIX, 3, align=Align.LEFT),
        Field(23, "卡序列号 card sequence number", _N, _FIX, 3, align=Align.RIGHT),
        Field(25, "服务点条件码 condition code", _N, _FIX, 2),
        Field(26, "服务点PIN获取码 PIN capture code", _N, _FIX, 2),
        Field(32, "受理方标识码 acquirer code", _N, _LL, 11),
        Field(35, "二磁道数据 track 2", _Z, _LL, 37, may_be_enciphered=True),
        Field(36, "三磁道数据 track 3", _Z, _LLL, 104, may_be_enciphered=True),
        Field(37, "检索参考号 retrieval reference number", _T, _FIX, 12),
        Field(38, "授权标识应答码 authorisation code", _T, _FIX, 6),
        Field(39, "应答码 response code", _T, _FIX, 2),
        Field(41, "终端号 terminal number", _T, _FIX, 8),
        Field(42, "商户号 merchant number", _T, _FIX, 15),
        _chinese(44, "附加响应数据 issuer and acquirer", _LL, 25),
        Field(48, "附加数据 additional data", _N, _LLL, 322),
        Field(49, "货币代码 currency", _T, _FIX, 3),
        Field(52, "个人标识码密文 PIN block", _B, _FIX, 8),
        Field(53, "安全控制信息 security control", _N, _FIX, 16),
        Field(54, "附加金额 additional amounts", _T, _LLL, 40),
        Field(55, "IC卡数据域 chip data", _B, _LLL, 255),
        _chinese(57, "终端设备信息 device data", _LLL, 999),
        _chinese(58, "电子钱包数据 e-wallet data", _LLL, 100),
        _chinese(59, "自定义域 extended data", _LLL, 999),
        Field(60, "自定义域 type, batch, network code", _N, _LLL, 17),
        Field(61, "原始信息域 original transaction", _N, _LLL, 29),
        Field(62, "自定义域 keys or operator data", _B, _LLL, 512),
        _chinese(63, "自定义域 operator or card organisation", _LLL, 163),
        Field(64, "报文鉴别码 MAC", _B, _FIX, 8),
    ),
)
"""The dialect of this distribution, and of most hosts."""

NIBBLE_LENGTH_62 = UNIONPAY.with_fields(
    "nibble-length-62", Field(62, "自定义域 keys or operator data", _B, _LLL, 512, prefix_counts_nibbles=True)
)
"""One host sends the length of field 62 in half bytes (0080 for 40 bytes) [M]."""

TEXT_48 = UNIONPAY.with_fields("text-48", _chinese(48, "附加数据 additional data", _LLL, 512))
"""A regional access with text in field 48 [M]."""

DEVICE_46 = UNIONPAY.with_fields(
    "device-46",
    _chinese(43, "商户名称 merchant name", _FIX, 40),
    Field(46, "终端设备数据 device data", _B, _LLL, 999),
    _chinese(56, "应答文字 answer in words", _LLL, 999),
    Field(63, "自定义域 device signature", _B, _LLL, 163),
)
"""An acquirer with device data in 46, words in 56 and a binary 63 [VF]."""

BINARY_47 = UNIONPAY.with_fields("binary-47", Field(47, "自定义域 private", _B, _LLL, 999))
"""A sign-in with 32 bytes in field 47 [M]."""
