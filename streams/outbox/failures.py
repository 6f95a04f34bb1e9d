"""When a channel does not take a message: why, and how long it wants to be left alone. Never with address or secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sanjian.errors import NotNow

#: reason → (Chinese, English); ``http_`` and ``robot_`` are followed by the receiver's code.
REASONS: Mapping[str, tuple[str, str]] = {
    "no_connection": ("无法连接", "No connection"),
    "timeout": ("对方没有及时回答", "The receiver does not answer in time"),
    "broken": ("连接中断", "The connection broke"),
    "tls": ("对方证书无效或与地址不符", "The receiver's certificate is not valid for its address"),
    "redirect": ("对方要求转到其他地址，不跟随", "The receiver redirects; that is not followed"),
    "http": ("对方拒绝", "The receiver refuses"),
    "robot": ("群机器人拒绝", "The robot refuses"),
    "bad_answer": ("对方的回答无法识别", "The receiver's answer is not understood"),
    "bad_address": ("地址无效", "The address is not valid"),
    "no_smtp": ("没有设置邮件服务器（SANJIAN_SMTP）", "No mail server is set (SANJIAN_SMTP)"),
    "smtp": ("邮件服务器拒绝", "The mail server refuses"),
    "smtp_login": ("邮件服务器不接受用户名或密码", "The mail server does not accept user or password"),
    "smtp_no_tls": ("邮件服务器不支持加密", "The mail server has no encryption"),
    "some_refused": ("部分收件人被拒绝", "Some recipients were refused"),
    "no_channel": ("渠道已删除或停用", "The channel was deleted or is not active"),
    "gave_out": ("多次发送中断", "Sending was cut off again and again"),
}


class NotDelivered(NotNow):
    """The channel did not take it. ``reason`` is a stable code, ``code`` the receiver's own one, ``pause`` what it
    asked for."""

    def __init__(self, reason: str, code: str = "", pause: timedelta | None = None) -> None:
        super().__init__(f"{reason}_{code}" if code else reason)
        self.reason = f"{reason}_{code}" if code else reason
        self.pause = pause


def words(reason: str) -> tuple[str, str]:
    """A reason for people, Chinese and English, with the receiver's code."""
    if reason in REASONS:
        return REASONS[reason]
    stem, _, code = reason.partition("_")
    zh, en = REASONS.get(stem, ("", ""))
    return (f"{zh}（{code}）", f"{en} ({code})") if zh else (reason, reason)
