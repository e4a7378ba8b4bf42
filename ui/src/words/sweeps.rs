//! Sweeps, at the station's desk.

use super::{Words, sentences};

sentences! {
    sweeps_title = "排查", "Sweeps";
    sweeps_help = "在选定的日子里，把村社区的每一处登记房屋走一遍。协管员同步以后，“今日”会列出还没走到的房屋；开始那天以后走访过或做过安全检查的，就算走到，没见到人的不算。",
        "Every registered home of the chosen villages is visited between two days. After their next sync the coordinators' Today lists those not visited yet; a home that was visited or checked since the first day is done, one where nobody was met is not.";
    sweeps_empty = "还没有布置过排查", "No sweep yet";
    sweep_new = "布置排查", "Set a sweep";
    sweep_name = "名称", "Name";
    sweep_how = "种类", "Kind";
    sweep_areas = "村社区", "Villages";
    sweep_areas_all = "全选", "All of them";
    sweep_areas_none = "辖区里还没有登记房屋", "No village of the station has a home yet";
    sweep_from = "开始", "From";
    sweep_until = "最后一天", "Last day";
    sweep_progress = "走到的房屋", "Homes visited";
    sweep_set = "已布置，协管员同步后就能看到", "Set; coordinators see it after their next sync";
    sweep_close = "结束", "Close";
    sweep_close_ask = "结束后，没走到的房屋不再列在协管员的“今日”里，走到多少记下来。结束了不能再开，需要时再布置一次。",
        "Homes that were not visited are no longer on the coordinators' Today, and how far it came is kept. A closed sweep is not opened again; set another one when needed.";
    sweep_close_done = "已结束，走到多少记下来了", "Closed; how far it came is kept";
    sweep_closed = "已结束", "Closed";
    sweep_over = "已过期限", "Overdue";
    sweep_going = "进行中", "Under way";
    sweep_to_come = "还没开始", "To come";
}

impl Words {
    /// How many homes of how many, and the share.
    pub fn sweep_share(self, done: u64, homes: u64) -> String {
        match (done * 100).checked_div(homes) {
            Some(share) => self.pick(format!("{done} / {homes}（{share}%）"), format!("{done} / {homes} ({share}%)")),
            None => self.pick("没有登记的房屋", "No registered home").to_owned(),
        }
    }

    /// How many homes nobody looked at yet.
    pub fn sweep_left(self, left: u64) -> String {
        self.pick(format!("还没走到 {left} 处"), format!("{left} not visited yet"))
    }
}

#[cfg(test)]
mod tests {
    use crate::words::BOTH;

    #[test]
    fn how_far_it_has_come_is_said_with_both_numbers() {
        let [chinese, english] = BOTH;
        assert_eq!(
            (chinese.sweep_share(1, 3), english.sweep_share(3, 3)),
            ("1 / 3（33%）".to_owned(), "3 / 3 (100%)".to_owned())
        );
        assert_eq!(chinese.sweep_share(0, 0), "没有登记的房屋");
    }
}
