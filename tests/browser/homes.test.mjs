// Homes, by hand: one that was found empty, one that was entered twice, and who rents one.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { County, DESKTOP, PHONE, accessible, enrol, go, quiet, shot, syncNow } from "./county.mjs";

let county;
let wang;
let empty;
let stays;
let goes;

const top = () => wang.evaluate(() => window.scrollTo(0, 0));

before(async () => {
    county = await County.start();
    wang = await county.open(await county.device(), PHONE);
    await enrol(wang, county, "wang");
    await syncNow(wang);
    await go(wang, "/homes");
    const lived = wang.locator(".rows a", { hasText: /[1-9] 人/ });
    await lived.nth(2).waitFor();
    const ids = await lived.evaluateAll((rows) => rows.map((row) => row.getAttribute("href").split("/").pop()));
    [empty, stays, goes] = ids;
});
after(async () => {
    await county?.stop();
});

test("a visit finds nobody renting: who is registered there all the same is asked about", async () => {
    await go(wang, `/homes/${empty}/visit`);
    await wang.getByRole("button", { name: "没见到人…" }).click();
    await wang.locator("dialog").getByRole("button", { name: "空置", exact: true }).click();
    await wang.locator("dialog").getByRole("button", { name: "走访完成" }).click();
    await wang.getByText(/还有 \d+ 人登记在这里/).waitFor();
    await accessible(wang, "empty-visit");
    await go(wang, "/");
    const row = wang.locator(`a.row[href="#/homes/${empty}"]`, { hasText: "走访说没人租住" });
    await row.waitFor();
    await wang.getByRole("button", { name: /没人租住待核/ }).click();
    await accessible(wang, "empty-today");
    await row.click();
    await wang.getByTestId("empty-home").getByRole("link", { name: "再走访一次" }).waitFor();
    await accessible(wang, "empty-home");
    await shot(wang, "empty-home");
});

test("a firm rents a home, and does not any more", async () => {
    await go(wang, `/homes/${stays}`);
    await wang.getByRole("button", { name: "登记承租单位" }).click();
    await wang.locator("#firm_name").fill("常山胡柚食品厂");
    await wang.locator("#firm_name").scrollIntoViewIfNeeded();
    await accessible(wang, "tenants-firm");
    await wang.getByRole("button", { name: "保存承租单位" }).click();
    const firm = wang.locator(".weui-cell", { hasText: "常山胡柚食品厂" });
    await firm.getByText("单位", { exact: true }).waitFor();
    await firm.scrollIntoViewIfNeeded();
    await accessible(wang, "tenants");
    await firm.getByRole("button", { name: "结束租赁" }).click();
    await wang.locator("#tenant_why").selectOption("EXPIRED");
    await accessible(wang, "tenants-end");
    await wang.locator("dialog").getByRole("button", { name: "结束租赁" }).click();
    await wang.getByText("以前的承租人 1").click();
    await wang.getByText(/租期已满/).waitFor();
    await shot(wang, "tenants-earlier");
});

test("one home entered twice is merged, and everything of both is in the one that stays", async () => {
    await go(wang, `/homes/${goes}`);
    await wang.getByRole("link", { name: "同一处房屋？" }).click();
    await wang.locator(".rows a").first().waitFor();
    await accessible(wang, "same-home-choose");
    await go(wang, `/homes/${goes}/same/${stays}`);
    await wang.getByText("保留这一处").waitFor();
    await accessible(wang, "same-home");
    await wang.getByRole("button", { name: "合并成一处" }).click();
    await wang.getByText("已并入这里的").waitFor();
    assert.ok((await wang.evaluate(() => location.hash)).endsWith(stays), "the page of the one that stays");
    await wang.getByText("已并入这里的").scrollIntoViewIfNeeded();
    await shot(wang, "merged-here");
    await wang.locator(`a[href="#/homes/${goes}"]`).click();
    await wang.getByText(/这处房屋已并入下面这一处/).waitFor();
    await top();
    await accessible(wang, "merged-into");
    await syncNow(wang);
});

test("its visit says so, and taken apart each has its own again", async () => {
    await go(wang, `/homes/${goes}/visit`);
    await wang.getByText(/这处房屋并入了另一处/).waitFor();
    await accessible(wang, "merged-visit");
    await go(wang, `/homes/${goes}`);
    await wang.getByRole("button", { name: "不是同一处，拆开" }).click();
    await wang.locator("dialog").getByRole("button", { name: "不是同一处，拆开" }).click();
    await wang.getByRole("link", { name: "同一处房屋？" }).waitFor();
    await wang.setViewportSize(DESKTOP);
    await go(wang, `/homes/${goes}/same/${stays}`);
    await wang.getByText("保留这一处").waitFor();
    await shot(wang, "same-home-desktop");
    await go(wang, `/homes/${empty}`);
    await wang.getByTestId("empty-home").waitFor();
    await shot(wang, "empty-home-desktop");
    await syncNow(wang);
    quiet(wang);
});
