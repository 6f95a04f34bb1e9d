"""What people and machines are told when an account is in the way; part of ``api.errors.ERRORS``."""

from __future__ import annotations

from collections.abc import Mapping

#: code → (HTTP status, Chinese, English, hint)
ACCOUNT_ERRORS: Mapping[str, tuple[int, str, str, str]] = {
    "no_session": (401, "登录已失效，请重新登录", "You are not logged in any more", "POST /api/v1/session"),
    "bad_login": (
        401, "用户名或密码不正确", "Name or password is wrong",
        "忘记密码请联系本机构或本地区管理员 / ask your administrator for a new password",
    ),
    "wrong_password": (403, "原密码不正确", "The old password is wrong", "核对原密码 / check the old password"),
    "locked": (
        429, "尝试次数过多，请在 {seconds} 秒后再试", "Too many tries; wait {seconds} seconds",
        "管理员可解除锁定 / an administrator can unlock you",
    ),
    "too_many_logins": (429, "登录人数过多，请稍候", "Too many logins at once", "稍候再试 / try again later"),
    "weak_password": (
        422, "密码不符合要求：至少 {shortest} 个字符，不含用户名或机构代码，不是常见密码",
        "The password must have {shortest} characters or more, not hold your name, and not be a common one",
        "可用一句话 / a short sentence will do",
    ),
    "same_password": (422, "新密码不能与原密码相同", "The new password is the old one", "换一个 / choose another"),
    "change_password": (
        403, "请先修改密码", "Change your password first", "POST /api/v1/me/password",
    ),
    "csrf": (
        403, "请求来源不可信", "The request does not come from our own pages",
        "请求头 header X-CSRF-Token: GET /api/v1/me → csrf_token",
    ),
    "address": (
        403, "此地址不在允许范围内", "This address is not allowed",
        "请管理员核对地址白名单 / ask the administrator to check the list of addresses",
    ),
    "no_personal": (
        403, "无权查看个人信息", "You may not read personal data", "请平台管理员授权 / ask the administrator",
    ),
    "not_yours": (
        403, "不在您的管理范围内", "Not within what you administer",
        "由上级或平台管理员办理 / the administrator above you can do it",
    ),
    "bad_assignment": (
        422, "角色与机构、地区不匹配", "Role, institution and region do not fit together",
        "医疗机构用户填机构代码；监管、运维人员填 6 位地区代码 / hospital: org; regulator and operator: scope",
    ),
    "bad_name": (
        422, "用户名不合规", "This is not a user name",
        "3–40 个字符：小写字母、数字和 . _ - / 3–40 lower-case letters, digits and . _ -",
    ),
    "bad_network": (
        422, "地址白名单有误", "The list of addresses is not valid", "如 for instance 10.1.2.0/24,10.9.8.7",
    ),
    "name_taken": (409, "该名称已被使用", "This name is taken", "换一个名称 / choose another"),
    "unknown_user": (404, "没有这个用户", "There is no such user", "GET /api/v1/users"),
    "unknown_client": (404, "没有这个接入凭证", "There is no such client", "GET /api/v1/clients"),
    "unknown_registration": (
        404, "没有这条待审批的注册", "There is no such registration waiting", "GET /api/v1/registrations",
    ),
    "unknown_onboarding": (404, "没有这个接入", "There is no such onboarding", "GET /api/v1/onboarding"),
    "onboarding_there": (
        409, "该名称或机构已有接入在进行", "This name or institution is being onboarded already",
        "GET /api/v1/onboarding；或换一个名称 / or choose another name",
    ),
    "onboarding_state": (
        409, "当前状态不能这样操作", "That cannot be done in this state", "GET /api/v1/onboarding/{org}",
    ),
    "onboarding_changed": (
        409, "该接入已被他人更改", "Somebody else has changed it", "重新查看后再操作 / look at it again",
    ),
    "not_ready": (
        409, "接入条件尚未全部满足", "Not all conditions are met", "见 unmet / see unmet",
    ),
    "no_formal_org": (
        422, "还没有正式机构代码", "The code of the real institution is not known yet",
        "填 formal：22 位医疗机构代码 / give formal, the institution's own code of 22 characters",
    ),
    "test_codes_used": (
        409, "测试机构代码已用完", "All codes of test institutions are in use", "请联系管理员 / ask the administrator",
    ),
    "last_admin": (
        409, "至少保留一名平台管理员", "The last administrator has to stay", "先新增管理员 / add another first",
    ),
    "no_registration": (403, "未开放自助注册", "Registration is switched off", "请联系管理员 / ask the administrator"),
}  # fmt: skip
