//! The officer's page.

use ui_protocol::desk::{DeviceProblem, StaffingReply};

use super::{Words, sentences};

sentences! {
    desk_name = "登门 · 工作台", "Doorstep · Desk";
    desk_sign_in_title = "民警登录", "Officer's sign-in";
    desk_login = "账号", "Login";
    desk_login_missing = "请填写账号", "Type your login";
    desk_overview = "总览", "Overview";
    desk_records = "记录", "Records";
    desk_devices = "设备", "Devices";
    desk_area = "村社区", "Village";
    desk_township = "乡镇街道", "Township";
    desk_units = "房屋", "Homes";
    desk_residents = "在册人员", "Registered";
    desk_reports_open = "待核实报送", "Reports to verify";
    desk_conflicts_open = "未处理冲突", "Open conflicts";
    desk_filter = "筛选村社区", "Filter villages";
    desk_empty_areas = "只看有数据的", "Only villages that hold anything";
    desk_total = "合计", "Total";
    desk_all_areas = "全部村社区", "All villages";
    desk_search = "姓名、地址、编号", "Name, address, number";
    desk_kind = "类别", "Kind";
    desk_title_column = "名称", "Name";
    desk_detail_column = "说明", "Details";
    desk_state_column = "状态", "State";
    desk_received_column = "收到时间", "Received";
    desk_choose_record = "在左边选一条记录", "Choose a record on the left";
    desk_keys = "键盘：J 下一条，K 上一条，回车打开", "Keys: J next, K previous, Enter opens";
    desk_linked = "相关记录", "Linked records";
    desk_restore = "还原登记", "Restore the registration";
    desk_restore_help = "注销是误操作时才还原。原因会留在历史里，本人年限连续计算。",
        "Only where the cancellation was a mistake. The reason stays in the history and the years go on.";
    desk_restore_note = "还原原因", "Why it is restored";
    desk_restored = "已还原", "Restored";
    desk_grade_set = "派出所定级", "Set the grade";
    desk_grade_help = "规则算出来的不合适时才改。原因和审核人会显示在协管员手机上；以后查出更严重的隐患，按规则重新算。",
        "Only where what the rules say does not fit. The reason and your name are shown on the coordinator's phone; something graver found later counts again.";
    desk_grade_reason = "原因", "Why";
    desk_grade_computed = "规则算出", "By the rules";
    desk_grade_saved = "分级已更新", "The grade was changed";
    desk_grade_back = "按规则算", "As the rules say";
    desk_settle = "处理冲突", "Settle the conflict";
    desk_device = "设备号", "Device";
    desk_device_who = "使用人", "Used by";
    desk_device_model = "型号和版本", "Model and version";
    desk_device_seen = "最近联系", "Last contact";
    desk_device_clock = "时钟偏差", "Clock";
    desk_device_waiting = "待上传", "Waiting";
    desk_device_state = "状态", "State";
    desk_device_refused = "没被接收", "Refused";
    desk_device_photos = "照片没到", "Photos missing";
    desk_device_problem = "要处理", "Needs somebody";
    desk_device_good = "正常", "In order";
    desk_device_revoked = "已停用", "Revoked";
    desk_device_closed = "已换号", "Has another number";
    desk_device_never = "从未联系", "Never";
    desk_clock_right = "准", "Right";
    desk_no_devices = "还没有设备", "No devices yet";
    desk_no_records = "没有记录", "No records";
    desk_no_areas = "没有村社区", "No villages";
    desk_list_label = "记录列表", "List of records";
}

impl Words {
    /// A device's number before, and why it has another.
    pub fn desk_device_was(self, was: u32, why: &str) -> String {
        let why = match why {
            "restored" => self.pick("手机恢复", "phone restored"),
            "cloned" => self.pick("文件有两份", "its file was on two phones"),
            "copied" => self.pick("文件搬过来", "its file was moved"),
            _ => self.pick("服务器恢复", "server restored"),
        };
        self.pick(format!("原 {was} 号，{why}"), format!("was {was}, {why}"))
    }

    /// What a device calls itself; what our own programs call it, in words.
    pub fn device_model(self, model: &str) -> String {
        match model.strip_suffix(" browser") {
            Some(system) => self.pick(format!("{system} 浏览器"), model.to_owned()),
            None => model.to_owned(),
        }
    }

    /// What is wrong with a device, and what to do about it.
    pub fn device_problem(self, problem: DeviceProblem) -> String {
        let (chinese, english) = match problem {
            DeviceProblem::Silent { days } => {
                return self.pick(
                    format!("{days} 天没有联系，打电话问问本人：手机在不在，能不能上网"),
                    format!("Not heard of for {days} days: call its person and ask whether it is there and on line"),
                );
            }
            DeviceProblem::Held => ("有迟到的内容暂存，到“暂存”里核对", "Late work of it is held: look at it under Held"),
            DeviceProblem::OtherHistory => (
                "还没有接上恢复后的服务器，请本人联网同步一次",
                "It is not on the restored server yet: its person has to sync once",
            ),
            DeviceProblem::Different => (
                "和服务器不一致，会自己修正；过了一天还这样，请本人做一次深度核对",
                "It holds something else than the server and puts itself right; after a day its person runs a deep check",
            ),
            DeviceProblem::Waiting => {
                ("还有内容没传上来，请本人在信号好的地方同步", "Work of it has not arrived: sync on a good line")
            }
            DeviceProblem::Refused => {
                ("有内容没被接收，请本人到“待处理”里看", "Work of it was refused: its person looks under Needs attention")
            }
            DeviceProblem::Clock => ("手机时间不准，请本人改成自动设置时间", "Its clock is wrong: set it to automatic time"),
            DeviceProblem::Photos => {
                ("有照片没传上来，请本人连无线网放一会儿", "Photos have not arrived: leave it on Wi-Fi for a while")
            }
            DeviceProblem::OldVersion => ("应用版本旧，请更新", "The app is old: update it"),
        };
        self.pick(chinese, english).to_owned()
    }

    /// Coordinators needed and at work.
    pub fn desk_staffing(self, reply: &StaffingReply) -> String {
        let StaffingReply { year, registered, needed, at_work } = reply;
        match needed {
            Some(needed) => self.pick(
                format!("{year} 年登记 {registered} 人，按规定要配协管员 {needed} 名，现有 {at_work} 名。"),
                format!("{registered} people were registered in {year}: the ratio asks for {needed} coordinators, {at_work} are at work."),
            ),
            None => self.pick(
                format!("{year} 年登记 {registered} 人，现有协管员 {at_work} 名。"),
                format!("{registered} people were registered in {year}; {at_work} coordinators are at work."),
            ),
        }
    }

    /// A clock's difference, short.
    pub fn clock_short(self, ahead_ms: i64) -> String {
        let minutes = ahead_ms / 60_000;
        if minutes == 0 {
            self.desk_clock_right().to_owned()
        } else if minutes > 0 {
            self.pick(format!("快 {minutes} 分钟"), format!("{minutes} min ahead"))
        } else {
            self.pick(format!("慢 {} 分钟", -minutes), format!("{} min behind", -minutes))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn another_number_says_why() {
        for words in BOTH {
            for why in ["restored", "cloned", "copied", "server"] {
                assert_spoken(words, &words.desk_device_was(7, why), why);
            }
        }
    }

    #[test]
    fn every_problem_says_what_to_do() {
        use ui_protocol::desk::DeviceProblem::*;
        for words in BOTH {
            for problem in [Held, Silent { days: 4 }, OtherHistory, Different, Waiting, Refused, Clock, Photos, OldVersion] {
                assert_spoken(words, &words.device_problem(problem), &format!("{problem:?}"));
            }
        }
    }

    #[test]
    fn coordinators_are_counted_with_and_without_a_ratio() {
        for words in BOTH {
            for needed in [Some(3), None] {
                let reply = super::StaffingReply { year: 2025, registered: 1_001, needed, at_work: 2 };
                assert_spoken(words, &words.desk_staffing(&reply), "coordinators");
            }
        }
    }

    #[test]
    fn a_model_is_shown_as_it_is() {
        assert_eq!(BOTH[0].device_model("linux browser"), "linux 浏览器");
        assert_eq!(
            (BOTH[1].device_model("linux browser"), BOTH[0].device_model("HUAWEI P30")),
            ("linux browser".into(), "HUAWEI P30".into())
        );
    }

    #[test]
    fn clocks_are_said_short() {
        for words in BOTH {
            for ahead in [0, 300_000, -300_000] {
                assert_spoken(words, &words.clock_short(ahead), "a clock");
            }
        }
    }
}
