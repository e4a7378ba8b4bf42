//! The lock, the lease, and what can be handed in when a PIN is forgotten.

use ui_protocol::lock::{HandedIn, LockStatus};

use super::{Words, sentences};

sentences! {
    lock_title = "已锁定", "Locked";
    lock_pin = "解锁密码", "Unlock PIN";
    lock_open = "解锁", "Unlock";
    lock_opening = "正在解锁", "Unlocking";
    lock_erase = "删一位", "Erase one digit";
    lock_now = "锁定", "Lock now";
    lock_forgotten = "忘记解锁密码", "Forgotten PIN";
    lock_gone = "密钥已经销毁", "The key is destroyed";
    lock_gone_help = "本机上的资料谁也读不出来了。没有上传的记录是封存给县里的，交上去就不会丢。",
        "Nobody can read what is on this device any more. What was not sent is sealed for the county: hand it in and none of it is lost.";
    lock_gone_nothing = "本机上的资料谁也读不出来了。没有要上传的记录。",
        "Nobody can read what is on this device any more. There was nothing left to send.";
    lock_forgotten_help = "解锁密码没有人能查到，也不能从服务器找回。您可以交出封存的记录，再重新绑定本机；本机上已经上传的资料会重新下载。",
        "Nobody can look a PIN up, and the server cannot give it back. Hand in what is sealed, then set this device up again; what was sent before is downloaded again.";
    lock_hand_in = "交出封存的记录", "Hand in what is sealed";
    lock_handing_in = "正在上交", "Handing in";
    lock_begin_anew = "重新绑定本机", "Set this device up again";
    lock_begin_anew_ask = "本机上的文件会删除。封存的记录已经交给派出所，其余的重新绑定后从服务器下载。",
        "The file on this device is deleted. What was sealed is with the police station; the rest is downloaded once it is set up again.";
    lock_not_whole = "有记录还没有封存，现在不能放弃这个文件。请再想想解锁密码，或者把手机交给派出所。",
        "Some saves are not sealed, so this file cannot be given up. Try to remember the PIN, or take the phone to the station.";
    pin_title = "解锁密码", "Unlock PIN";
    pin_set = "设置解锁密码", "Set a PIN";
    pin_offer = "还没设解锁密码", "No PIN yet";
    pin_later = "以后", "Not now";
    pin_change = "修改解锁密码", "Change the PIN";
    pin_drop = "取消解锁密码", "Remove the PIN";
    pin_drop_ask = "取消以后，打开登门要输账号密码。", "After that the account's password is asked for.";
    pin_help = "六到十二位数字，不要用连号、重复的数字或者生日。忘了谁也查不到。",
        "Six to twelve digits; not all the same, not counted up or down, not a birthday. Nobody can look it up.";
    pin_old = "现在的解锁密码", "The present PIN";
    pin_new = "新的解锁密码", "The new PIN";
    pin_again = "再输一次", "Once more";
    pin_differs = "两次输入的不一样", "The two differ";
    pin_not_good = "要六到十二位数字，不能是连号或者全部相同", "Six to twelve digits, not all the same and not counted up or down";
    pin_saved = "解锁密码已经设好", "The PIN is set";
    pin_save = "保存", "Save";
    pin_busy = "正在保存", "Saving";
    pin_none = "没有设置", "Not set";
    pin_is_set = "已设置", "Set";
    lock_after = "无操作自动锁定", "Locks by itself after";
    file_encrypted = "本机文件", "File on this device";
    file_is_encrypted = "已加密", "Encrypted";
    file_is_plain = "未加密：这个版本不加密，拿到本机的人读得到资料", "Not encrypted: this build does not encrypt, and whoever takes this device apart can read it";
    lease_title = "请先同步", "Synchronise first";
    lease_help = "本机太久没有和服务器联系，资料暂时不显示。您保存的都在，同步以后照常使用。",
        "This device was too long without the server, so nothing is shown for now. Everything you saved is safe; work goes on after a sync.";
}

impl Words {
    /// What a wrong PIN leads to, truthfully.
    pub fn lock_tries(self, shown: &LockStatus) -> String {
        match shown.tries_left {
            Some(1) => self.pick(
                "再错一次，密钥就会销毁。没有上传的记录已经封存，仍然可以交上去。".to_owned(),
                "One more wrong PIN destroys the key. What was not sent is sealed and can still be handed in.".to_owned(),
            ),
            Some(left) => self.pick(format!("还可以试 {left} 次"), format!("{left} tries left")),
            None => {
                self.pick("输错会越等越久，数据不会丢。".to_owned(), "Each wrong PIN waits longer. Nothing is lost.".to_owned())
            }
        }
    }

    /// What lies behind the lock.
    pub fn lock_safe(self, shown: &LockStatus) -> String {
        let sealed = shown.sealed;
        match (shown.encrypted, sealed > 0) {
            (_, true) => self.pick(
                format!("您保存的都在。{sealed} 条还没有上传，已另外封存给县里。"),
                format!("Everything you saved is here. {sealed} saves are not sent yet, and sealed for the county besides."),
            ),
            (true, false) => {
                self.pick("您保存的都在，文件已加密。".to_owned(), "Everything you saved is here, encrypted.".to_owned())
            }
            (false, false) => self.pick("您保存的都在。".to_owned(), "Everything you saved is here.".to_owned()),
        }
    }

    /// How long until the next try.
    pub fn lock_wait(self, seconds: u64) -> String {
        if seconds < 60 {
            return self.pick(format!("请过 {seconds} 秒再试"), format!("Try again in {seconds} s"));
        }
        let minutes = seconds.div_ceil(60);
        self.pick(format!("请过 {minutes} 分钟再试"), format!("Try again in {minutes} min"))
    }

    /// How many digits are typed: for people who listen.
    pub fn lock_typed(self, digits: usize) -> String {
        self.pick(format!("已输入 {digits} 位"), format!("{digits} digits typed"))
    }

    /// What became of the sealed saves.
    pub fn lock_handed_in(self, handed: HandedIn) -> String {
        let HandedIn { held, known, refused } = handed;
        let done = self.pick(
            format!("已交给派出所 {held} 条，服务器原来就有 {known} 条。"),
            format!("{held} saves are with the station now; the server had {known} already."),
        );
        if refused == 0 {
            return done;
        }
        let left = self.pick(
            format!("另有 {refused} 条打不开，留在这部手机里，请告诉派出所。"),
            format!(" {refused} more cannot be opened; they stay on this phone: tell the station."),
        );
        done + &left
    }

    /// So many minutes.
    pub fn lock_minutes(self, minutes: u32) -> String {
        self.pick(format!("{minutes} 分钟"), format!("{minutes} min"))
    }

    /// What waits behind the lease.
    pub fn lease_waiting(self, waiting: u64) -> String {
        self.pick(
            format!("{waiting} 条改动还没有上传，同步时一起送出。"),
            format!("{waiting} changes are not sent yet; this sync sends them."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn every_state_of_the_lock_is_said() {
        for words in BOTH {
            for tries_left in [None, Some(1), Some(7)] {
                for (encrypted, sealed) in [(false, 0), (true, 0), (true, 3)] {
                    let shown = LockStatus { tries_left, encrypted, sealed, ..LockStatus::default() };
                    assert_spoken(words, &words.lock_tries(&shown), "tries");
                    assert_spoken(words, &words.lock_safe(&shown), "what is safe");
                }
            }
            for seconds in [15, 60, 3_600] {
                assert_spoken(words, &words.lock_wait(seconds), "the wait");
            }
            assert_spoken(words, &words.lock_typed(4), "digits");
            assert_spoken(words, &words.lock_handed_in(HandedIn { held: 2, known: 1, refused: 3 }), "what was handed in");
            assert_spoken(words, &words.lock_minutes(5), "minutes");
            assert_spoken(words, &words.lease_waiting(5), "what waits");
        }
    }
}
