//! The end of the day: hand-in, receipt, what was done.

use ui_protocol::evening::{DayCounts, DayEvent, HandIn};

use super::{Words, sentences};

sentences! {
    evening_title = "今天收工", "End of the day";
    evening_open_help = "交数据、看回执、今天做了什么", "Hand in, receipt, what was done";
    evening_time = "收工前把今天的数据交上去", "Hand in the day's work before you stop";
    evening_settle = "先处理这些", "To settle first";
    evening_hand_in = "交上去", "Hand in";
    evening_handing_in = "正在交", "Handing in";
    evening_photos = "正在传照片", "Sending photos";
    evening_all_in = "都交上去了", "Everything is handed in";
    evening_nothing = "这天没有保存过什么", "Nothing was saved on this day";
    evening_offline = "现在没有网络，还没交上去。今天保存的都在本机，不会丢，有网络时会自动上传，也可以再按一次。",
        "There is no network, so nothing was handed in. All of today's work is safe on this device; it is sent when there is a network, or press again.";
    evening_photos_left = "数据都交上去了，照片还没传完。", "The records are handed in; some photos are not sent yet.";
    evening_some_left = "还有没交上去的，再按一次。", "Some of it is not handed in yet: press again.";
    evening_receipt = "交数据回执", "Receipt";
    evening_receipt_none = "还没有回执", "No receipt yet";
    evening_saved = "保存", "Saved";
    evening_on_server = "已到服务器", "On the server";
    evening_waiting = "还没交上去", "Not handed in";
    evening_conflicts = "有冲突", "In conflict";
    evening_refused = "没有收下", "Refused";
    evening_held = "派出所暂存", "Held by the station";
    evening_receipt_at = "服务器回执时间", "Receipt of the server";
    evening_who = "经办", "By";
    evening_log = "做了什么", "What was done";
    evening_day = "哪一天", "Which day";
    evening_counts_none = "没有走访和登记", "No visits and no registrations";
}

impl Words {
    /// What a save was.
    pub fn day_event(self, event: DayEvent) -> &'static str {
        let (chinese, english) = match event {
            DayEvent::Visited => ("上门", "Visit"),
            DayEvent::Registered => ("登记", "Registered"),
            DayEvent::Changed => ("修改", "Changed"),
            DayEvent::Moved => ("换住处", "Moved"),
            DayEvent::HandedOver => ("移交", "Handed over"),
            DayEvent::Departed => ("注销", "Cancelled"),
            DayEvent::Referred => ("转派出所", "For the station"),
            DayEvent::Checked => ("安全检查", "Safety check"),
            DayEvent::HazardFound => ("发现隐患", "Hazard found"),
            DayEvent::HazardLooked => ("隐患复查", "Hazard looked at"),
            DayEvent::LetterSigned => ("签责任书", "Letter signed"),
            DayEvent::ReportDecided => ("核实报送", "Report verified"),
            DayEvent::PermitStep => ("居住证", "Permit"),
            DayEvent::HomeAdded => ("新增房屋", "Home entered"),
            DayEvent::HomeChanged => ("修改房屋", "Home changed"),
            DayEvent::TakenBack => ("撤销", "Taken back"),
            DayEvent::Photographed => ("照片", "Photo"),
            DayEvent::Settled => ("处理冲突", "Settled"),
            DayEvent::Looked => ("查看证件", "Number looked at"),
            DayEvent::Other => ("其他", "Other"),
        };
        self.pick(chinese, english)
    }

    /// What was done on a day, in one sentence; what there was none of is not said.
    pub fn day_counts(self, counts: &DayCounts) -> String {
        let rows = [
            (counts.homes_visited, "走访 {} 户", "{} homes visited"),
            (counts.registered, "登记 {} 人", "{} registered"),
            (counts.changed, "修改 {} 次", "{} changes"),
            (counts.departed, "离开 {} 人", "{} left"),
            (counts.checked, "检查 {} 处", "{} safety checks"),
            (counts.hazards, "隐患 {} 处", "{} hazards"),
        ];
        let said: Vec<String> = rows
            .into_iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, chinese, english)| self.pick(chinese, english).replace("{}", &count.to_string()))
            .collect();
        if said.is_empty() { self.evening_counts_none().to_owned() } else { said.join(" · ") }
    }

    /// A day to choose, with how much was saved on it.
    pub fn day_with_saves(self, day: &str, saves: u64, today: &str) -> String {
        let day = self.day(day, today);
        self.pick(format!("{day}（{saves} 次保存）"), format!("{day} ({saves} saves)"))
    }

    /// How far the saves of a day have come, in one line.
    pub fn hand_in(self, hand_in: &HandIn) -> String {
        let HandIn { saved, on_server, .. } = hand_in;
        self.pick(format!("保存 {saved} · 已到服务器 {on_server}"), format!("Saved {saved} · on the server {on_server}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn a_day_is_said_by_what_there_was() {
        let (chinese, english) = (BOTH[0], BOTH[1]);
        let counts = DayCounts { homes_visited: 3, registered: 12, hazards: 2, ..DayCounts::default() };
        assert_eq!(chinese.day_counts(&counts), "走访 3 户 · 登记 12 人 · 隐患 2 处");
        assert_eq!(english.day_counts(&DayCounts::default()), "No visits and no registrations");
        assert_eq!(chinese.hand_in(&HandIn { saved: 5, on_server: 4, ..HandIn::default() }), "保存 5 · 已到服务器 4");
        assert_eq!(
            chinese.day_with_saves("2026-11-23", 5, "2026-11-23"),
            "今天（5 次保存）".replace("今天", &chinese.day("2026-11-23", "2026-11-23"))
        );
        for words in BOTH {
            for event in [DayEvent::Visited, DayEvent::Registered, DayEvent::TakenBack, DayEvent::Other] {
                assert_spoken(words, words.day_event(event), &format!("{event:?}"));
            }
        }
    }
}
