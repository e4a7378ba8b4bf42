//! How the work stands with the server, settings, help.

use ui_protocol::session::{Lifted, RenewedWhy, Rescue, SyncStatus};

use super::{Words, sentences};

sentences! {
    sync_title = "同步", "Sync";
    sync_now = "立即同步", "Sync now";
    sync_stop = "停止", "Stop";
    sync_running = "正在同步", "Syncing";
    sync_never = "还没有和服务器对过", "Never been in touch with the server";
    sync_all_there = "都已到服务器", "Everything is on the server";
    sync_scopes = "两边核对", "Both sides compared";
    scope_same = "两边一致", "The same on both sides";
    scope_different = "不一致，正在核对", "Different: being compared";
    scope_unknown = "还没有对照", "Not compared yet";
    clock_warning = "手机时间不准", "This device's clock is wrong";
    settings_title = "设置", "Settings";
    settings_language = "语言", "Language";
    language_chinese = "中文", "中文";
    language_english = "English", "English";
    settings_care = "关怀模式（大字）", "Care mode (larger)";
    settings_theme = "外观", "Appearance";
    theme_auto = "跟随系统", "As the system";
    theme_light = "浅色", "Light";
    theme_dark = "深色", "Dark";
    device_title = "本机", "This device";
    device_number = "设备号", "Device number";
    device_server = "服务器", "Server";
    device_version = "版本", "Version";
    device_areas = "负责的村社区", "My villages";
    sign_out = "退出登录", "Sign out";
    sign_out_ask = "退出登录？数据留在本机，下次输密码就能继续。", "Sign out? What is on this device stays; type your password to go on.";
    help_title = "使用帮助", "Help";
    help_green_title = "绿色是什么意思", "What green means";
    help_green = "绿色表示已经到了服务器。“今天保存”是您今天存了几次，“已到服务器”是其中服务器收下的，“回执”是服务器最后一次答复的时间。",
        "Green means on the server. “Saved” counts your saves today, “on the server” those it took, and the receipt is the time of its last answer.";
    help_offline_title = "没有网络怎么办", "Without a network";
    help_offline = "照常登记。内容先存在本机，有网络时自动上传，也可以在“我的”里按立即同步。不要卸载应用，不要清除数据。",
        "Go on as usual. Everything is kept on this device and sent when there is a network, or with Sync now. Do not remove the app or clear its data.";
    help_conflict_title = "有冲突怎么办", "Conflicts";
    help_conflict = "两个人改了同一处，先到的和后到的都留着。在“待处理”里对照，选“用我的”或者“保留”。",
        "When two people change the same, both values are kept. Compare them under Needs attention and choose.";
    help_lost_title = "手机丢了怎么办", "A lost phone";
    help_lost = "马上告诉管理员，停用这台设备。已经上传的内容在服务器上。", "Tell your administrator at once so that the device is revoked. What was sent is on the server.";
    help_call_title = "找谁帮忙", "Whom to call";
    help_call = "登记上的事问派出所，账号和设备的事问县公安局管理员。", "Ask the police station about registrations and the county's administrator about accounts and devices.";
    attention_open = "打开待处理", "Look at them";
}

impl Words {
    /// “今天保存 37 · 已到服务器 35 · 回执 18:04”: never just “synced”.
    pub fn sync_line(self, sync: &SyncStatus, today: &str) -> String {
        let (saved, on_server) = (sync.saved_today, sync.on_server_today);
        let mut line = self.pick(
            format!("今天保存 {saved} · 已到服务器 {on_server}"),
            format!("Saved today {saved} · on the server {on_server}"),
        );
        if let Some(receipt) = sync.receipt_unix_ms {
            let moment = self.moment(receipt, today);
            line.push_str(&self.pick(format!(" · 回执 {moment}"), format!(" · receipt {moment}")));
        }
        line
    }

    /// Those of today that did not go through, said apart.
    pub fn sync_trouble(self, sync: &SyncStatus) -> Option<String> {
        let (refused, conflicts) = (sync.refused_today, sync.conflicts_today);
        (refused + conflicts > 0).then(|| {
            let said = self.attention_count(conflicts, refused);
            self.pick(format!("其中{said}"), format!("Of these {said}"))
        })
    }

    /// Late work that waits at the station.
    pub fn held_count(self, held: u64) -> String {
        self.pick(
            format!("{held} 次保存已交派出所暂存，由派出所核对后决定是否采纳。本机不再保留内容，不用再填一遍。"),
            format!("{held} saves are held at the station, which decides about them. They are no longer kept on this device; do not type them again."),
        )
    }

    /// What is not answered yet.
    pub fn waiting_count(self, waiting: u64) -> String {
        self.pick(format!("{waiting} 条待上传"), format!("{waiting} waiting to be sent"))
    }

    /// Conflicts and refused saves; what there is none of is not said.
    pub fn attention_count(self, conflicts: u64, refused: u64) -> String {
        let conflicts = (conflicts > 0).then(|| self.pick(format!("有冲突 {conflicts} 条"), format!("{conflicts} in conflict")));
        let refused = (refused > 0).then(|| self.pick(format!("没被接收 {refused} 条"), format!("{refused} refused")));
        [conflicts, refused].into_iter().flatten().collect::<Vec<_>>().join(self.pick("，", ", "))
    }

    /// Another number was taken without asking: what happened, and that nothing is lost.
    pub fn renewed(self, why: RenewedWhy) -> &'static str {
        match why {
            // From one phone the two cannot always be told apart.
            RenewedWhy::Restored | RenewedWhy::Cloned => self.pick(
                "本机的数据恢复过，或者复制到过别的手机，已自动换了设备号。改动都留着，不用做什么。",
                "This device's data was restored or copied to another phone, so it took another number. Every change is kept; nothing to do.",
            ),
            RenewedWhy::Copied => self.pick(
                "数据是从别处搬来的，已自动换了设备号。没有丢东西，不用做什么。",
                "The data was moved here and this device was given another number by itself. Nothing is lost, nothing to do.",
            ),
            RenewedWhy::Server => self.pick(
                "服务器从备份恢复过，本机已自动换了设备号，把它缺的补传上去。没有丢东西，不用做什么。",
                "The server came back from a backup. This device took another number and sends again what is missing there. Nothing to do.",
            ),
        }
    }

    /// The file was damaged: what was not sent and could be lifted out of it, and what could not.
    pub fn lifted(self, lifted: &Lifted) -> String {
        let changes = lifted.changes;
        let first = self.pick(
            format!("本机的数据文件坏过，从里面找回没上传的改动 {changes} 项，会照常上传。"),
            format!(
                "This device's data file was damaged. {changes} changes that were not sent were found in it and go out as usual."
            ),
        );
        let rest = match lifted.unread {
            Some(0) => String::new(),
            Some(unread) => self.pick(
                format!("还有 {unread} 项读不出来，请想一想那几天登记过什么，重新登记。"),
                format!(" {unread} could not be read: think of what you registered in those days, and register it again."),
            ),
            None => self.pick(
                "是不是还有读不出来的，说不准，请想一想那几天登记过什么，查一查。".to_owned(),
                " Whether there were more cannot be told: think of what you registered in those days, and look for it."
                    .to_owned(),
            ),
        };
        first + &rest
    }

    /// The server came back from a backup: what this device does about it.
    pub fn rescue(self, rescue: Rescue) -> &'static str {
        match rescue {
            Rescue::Telling => self.pick(
                "服务器从备份恢复过，本机正在把它缺的补传上去。数据都在，不用做什么。",
                "The server came back from a backup; this device is sending what is missing there. Nothing is lost, nothing to do.",
            ),
            Rescue::Waiting => self.pick(
                "服务器从备份恢复过，要等管理员确认账号和村社区，才能收到别人的改动。您照常登记，都会上传。",
                "The server came back from a backup. News from others comes again once an administrator has confirmed the accounts. Go on as usual: your work is sent.",
            ),
        }
    }

    /// How wrong the clock is, and that no save suffers from it.
    pub fn clock_ahead(self, ahead_ms: i64) -> String {
        let minutes = (ahead_ms.unsigned_abs() / 60_000).max(1);
        let (days, hours) = (minutes / 1440, minutes / 60);
        let by = match (days, hours) {
            (1.., _) => self.pick(format!("{days} 天"), format!("{days} days")),
            (0, 1..) => self.pick(format!("{hours} 小时"), format!("{hours} hours")),
            _ => self.pick(format!("{minutes} 分钟"), format!("{minutes} minutes")),
        };
        if ahead_ms > 0 {
            self.pick(
                format!("手机时间比服务器快 {by}。保存不受影响，请把手机时间设为自动。"),
                format!("This device's clock is {by} ahead. Saves are safe; set the clock to automatic."),
            )
        } else {
            self.pick(
                format!("手机时间比服务器慢 {by}。保存不受影响，请把手机时间设为自动。"),
                format!("This device's clock is {by} behind. Saves are safe; set the clock to automatic."),
            )
        }
    }

    /// A compared scope: a village by its name, the others by what they are for.
    pub fn scope_name(self, name: &str) -> String {
        match name {
            "owner" => self.pick("我的房屋和报送", "My homes and reports").to_owned(),
            "account" => self.pick("发给我的", "Addressed to me").to_owned(),
            "county" => self.pick("全县公用", "For the whole county").to_owned(),
            village => village.to_owned(),
        }
    }

    /// How many records an area holds here.
    pub fn records_here(self, count: u64) -> String {
        self.pick(format!("本机 {count} 条"), format!("{count} records here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn the_line_of_the_day_says_both_numbers_and_the_receipt() {
        let sync = SyncStatus {
            saved_today: 37,
            on_server_today: 35,
            receipt_unix_ms: Some(1_795_428_240_000),
            ..SyncStatus::default()
        };
        assert_eq!(BOTH[0].sync_line(&sync, "2026-11-23"), "今天保存 37 · 已到服务器 35 · 回执 18:04");
        assert_eq!(BOTH[1].sync_line(&sync, "2026-11-23"), "Saved today 37 · on the server 35 · receipt 18:04");
        assert_eq!(BOTH[0].sync_trouble(&sync), None, "nothing went wrong, nothing is said");
        for words in BOTH {
            let trouble = SyncStatus { refused_today: 1, conflicts_today: 1, ..sync.clone() };
            assert_spoken(words, &words.sync_trouble(&trouble).expect("something went wrong"), "trouble");
            assert_spoken(words, &words.waiting_count(2), "waiting");
            assert_spoken(words, &words.held_count(2), "held");
            for unread in [Some(0), Some(3), None] {
                assert_spoken(words, &words.lifted(&Lifted { changes: 12, unread, at_unix_ms: 0 }), "a damaged file");
            }
            for why in [RenewedWhy::Restored, RenewedWhy::Cloned, RenewedWhy::Copied, RenewedWhy::Server] {
                assert_spoken(words, words.renewed(why), "another number");
            }
            for rescue in [Rescue::Telling, Rescue::Waiting] {
                assert_spoken(words, words.rescue(rescue), "rescue");
            }
            for scope in ["owner", "account", "county"] {
                assert_spoken(words, &words.scope_name(scope), scope);
            }
            assert_spoken(words, &words.attention_count(1, 2), "attention");
            assert_spoken(words, &words.records_here(2), "records");
            for ahead in [90_000, -90_000, 7_200_000, 315_360_000_000] {
                assert_spoken(words, &words.clock_ahead(ahead), "the clock");
            }
        }
    }
}
