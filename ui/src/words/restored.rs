//! A server that came back from a backup, for the people at the desk.

use super::{Words, sentences};

sentences! {
    restored_title = "服务器恢复", "Restored server";
    restored_look = "去看看", "Have a look";
    restored_confirmed = "已经确认", "Confirmed";
    restored_never = "服务器没有从备份恢复过", "The server never came back from a backup";
    restored_never_help = "恢复以后，这里会请管理员确认。", "After a restore an administrator is asked here to confirm it.";
    restored_means = "备份以后的改动，服务器上没有了。各台设备会自己补传，不用重新登记。确认之前，设备照常上传，但收不到别人的改动，本机的内容一条也不会删。",
        "What came after the backup is no longer on the server. Devices send it again by themselves; nobody types anything twice. Until this is confirmed devices send their work as usual but hear nothing of others, and none of them deletes anything.";
    restored_check_title = "确认以前请核对", "Before you confirm";
    restored_check = "账号停用、村社区分工、停用的设备，是不是和恢复以前一样。备份以后改过的，请先在服务器上重新改一遍。",
        "Are shut-out accounts, the villages of each account and revoked devices as they were before? What was changed after the backup has to be changed again on the server first.";
    restored_then_title = "确认以后", "Once you confirm";
    restored_then = "设备恢复正常接收。停用的设备会删掉上面的内容；不归某人管的村社区，会从他的设备上移走。还没补传的设备以后照样可以补传。",
        "Devices hear of others again. Revoked devices delete what they hold, and villages somebody is not responsible for leave their devices. Devices that have not spoken yet may still send what was lost.";
    restored_confirm = "确认账号、村社区和设备都对", "Accounts, villages and devices are right";
    restored_confirm_ask = "确认以后不能撤回：停用的设备会删掉上面的内容。", "This cannot be taken back: revoked devices delete what they hold.";
    restored_only_admin = "由县里的管理员确认。", "An administrator of the county confirms it.";
    restored_done = "已确认，设备恢复正常接收", "Confirmed: devices hear of others again";
    restored_at = "恢复时间", "Came back";
    restored_came_back = "设备补传回来的改动", "Changes devices sent again";
    restored_held = "等派出所核对的", "Waiting at the station";
    restored_heard = "恢复以后联系过的设备", "Devices heard of since";
    restored_silent = "还没有联系的设备", "Devices not heard of since";
    restored_silent_none = "设备都联系过了。", "Every device was heard of.";
}

impl Words {
    /// Across every page while it waits.
    pub fn restored_banner(self, moment: &str) -> String {
        self.pick(
            format!("服务器 {moment} 从备份恢复过，还没有确认：设备照常上传，但收不到别人的改动。"),
            format!("The server came back from a backup ({moment}) and nobody has confirmed it: devices send, but hear nothing of others."),
        )
    }

    /// How many devices were heard of since.
    pub fn restored_heard_count(self, heard: u64, devices: u64) -> String {
        self.pick(format!("{heard} / {devices} 台"), format!("{heard} of {devices}"))
    }

    /// The question before confirming, where some devices may still bring something.
    pub fn restored_ask(self, silent: usize) -> String {
        let ask = self.restored_confirm_ask();
        if silent == 0 {
            return ask.to_owned();
        }
        self.pick(
            format!("还有 {silent} 台设备没有联系，它们以后照样可以补传。{ask}"),
            format!("{silent} devices were not heard of yet; they may still send what was lost. {ask}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn what_waits_is_said() {
        for words in BOTH {
            assert_spoken(words, &words.restored_banner("11-23"), "the banner");
            for silent in [0, 3] {
                assert_spoken(words, &words.restored_ask(silent), "the question");
            }
            assert!(words.restored_heard_count(2, 5).contains('5'));
        }
    }
}
