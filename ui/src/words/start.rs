//! Becoming a device, signing in.

use super::sentences;

sentences! {
    enrol_title = "绑定本机", "Set up this device";
    enrol_help = "向管理员要服务器地址和一次性验证码。验证码十五分钟内有效，只能用一次。",
        "Ask your administrator for the server's address and a one-time code. The code is valid for fifteen minutes and works once.";
    enrol_server = "服务器地址", "Server address";
    enrol_code = "一次性验证码", "One-time code";
    enrol_submit = "绑定", "Set up";
    enrol_busy = "正在绑定", "Setting up";
    password = "密码", "Password";
    password_show = "显示密码", "Show password";
    password_new = "新密码", "New password";
    password_again = "再输一次新密码", "New password again";
    password_differs = "两次输入的密码不一样", "The two passwords differ";
    password_short = "密码至少八位", "At least eight characters";
    sign_in = "登录", "Sign in";
    sign_in_busy = "正在登录", "Signing in";
    sign_in_offline = "没有网络也能登录。", "This works without a network too.";
    password_forgotten = "忘记密码", "Forgotten password";
    reset_title = "重设密码", "New password";
    reset_help = "向管理员要一个验证码，需要联网。本机上的数据不会丢。",
        "Ask your administrator for a code; this needs a network. What is on this device stays.";
    reset_submit = "重设并登录", "Set and sign in";
    server_missing = "请填写服务器地址", "Type the server's address";
    code_missing = "请填写验证码", "Type the code";
    password_missing = "请填写密码", "Type the password";
}
