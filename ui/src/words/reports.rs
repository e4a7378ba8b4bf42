//! Landlords' reports, from both sides of the door.

use super::{Words, sentences};

sentences! {
    report_title = "报送", "Report";
    report_choose = "要报什么", "What do you want to report?";
    report_in = "报入住", "Somebody moved in";
    report_in_help = "租客住进来，三个工作日内报", "Within three working days of the lease";
    report_out = "报搬离", "Somebody moved out";
    report_out_help = "租客搬走，三个工作日内报", "Within three working days of the end";
    report_no_change = "本月无变化", "No change this month";
    report_no_change_help = "租客没有变动，报一声就行", "The tenants are the same";
    report_not_registration = "报送不等于居住登记。请告诉租客本人也要向派出所申报。",
        "A report is not a registration. Tell the tenant to declare in person.";
    report_in_title = "报入住", "Moved in";
    report_out_title = "报搬离", "Moved out";
    report_no_change_title = "本月无变化", "No change";
    report_home = "哪处房屋", "Which home";
    report_choose_home = "请选房屋", "Choose a home";
    report_tenant_name = "租客姓名", "Tenant's name";
    report_tenant_phone = "租客电话", "Tenant's phone";
    report_in_on = "入住日期", "Moved in on";
    report_out_on = "搬离日期", "Moved out on";
    report_no_change_on = "日期", "Day";
    report_who_left = "谁搬走了", "Who moved out";
    report_who_other = "不在上面，另外填写", "Somebody else";
    report_submit = "提交报送", "Send the report";
    report_saved = "已提交", "Reported";
    report_saved_help = "已保存在本机，联网后送到派出所，回执会出现在“回执”里。", "Saved on this device and sent when there is a network; the receipt appears under Receipts.";
    report_another = "再报一个", "Another report";
    report_see = "看报送", "See the report";
    report_due = "报送期限", "To be reported by";
    reports_empty = "还没有报送", "No reports yet";
    reports_empty_help = "租客入住或搬走时，在“报送”里报。", "Report when a tenant moves in or out.";
    reports_open_only = "只看待核实", "To be verified only";
    receipts_title = "回执", "Receipts";
    receipt_title = "报送回执", "Receipt";
    receipt_none = "还没有送到服务器，联网后会自动送出", "Not on the server yet; it is sent when there is a network";
    receipt_no = "回执编号", "Receipt number";
    receipt_submitted = "提交时间", "Sent at";
    receipt_received = "收到时间", "Received at";
    receipt_due = "期限", "Deadline";
    receipt_on_time = "按时报送", "On time";
    receipt_late = "超过期限", "Late";
    report_stands = "状态", "State";
    report_reason = "退回原因", "Why it was returned";
    report_decided_on = "核实日期", "Decided on";
    report_withdraw = "撤回", "Withdraw";
    report_withdraw_ask = "撤回这条报送？", "Withdraw this report?";
    report_withdrawn = "已撤回", "Withdrawn";
    report_again = "改好再报一次", "Report again";

    verify_title = "核实报送", "Verify a report";
    verify_open = "上门核实", "Verify at the door";
    verify_help = "和本人当面核对，由本人申报，再登记。", "Check with the person at the door; the registration is their own declaration.";
    verify_submit_in = "核实并登记", "Verify and register";
    verify_submit_out = "核实并注销", "Verify and cancel";
    verify_submit_plain = "情况属实", "It is so";
    verify_done = "已核实", "Verified";
    verify_who = "谁搬走了", "Who left";
    verify_nobody = "这处房屋没有登记的住户，核实后请退回并说明", "Nobody is registered here; return the report and say so";
    verify_choose_who = "请选搬走的人", "Choose who left";
    verify_likely = "很可能是", "Probably this one";
    return_title = "退回报送", "Return a report";
    return_open = "退回", "Return it";
    return_reason = "退回原因", "Why";
    return_reason_hint = "房东会看到，写清楚要改什么", "The landlord reads it: say what to mend";
    return_submit = "退回", "Return";
    return_done = "已退回", "Returned";
    report_about_tenant = "租客", "Tenant";
    report_reported_by = "房东报送", "Reported by the landlord";
}

impl Words {
    /// The countdown on a report form.
    pub fn report_until(self, day: &str, left: &str) -> String {
        self.pick(format!("{day}前要报，{left}"), format!("To be reported by {day}: {left}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::words::{BOTH, assert_spoken};

    #[test]
    fn the_countdown_is_said() {
        for words in BOTH {
            let day = words.day("2026-11-25", "2026-11-23");
            assert_spoken(words, &words.report_until(&day, words.due_today()), "a countdown");
        }
    }
}
