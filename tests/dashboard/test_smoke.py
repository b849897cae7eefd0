"""The pages under Dash's own browser driver."""

from dash import Dash
from dash.testing.composite import DashComposite
from flask import Flask
from selenium.webdriver.common.by import By

from engine.desk import Desk
from tests.dashboard import builders, desks


def test_the_live_page_works_in_dashs_own_driver(
    desk: Desk, app: Flask, dash_duo: DashComposite
) -> None:
    builders.add_position(desk, "NVDA")
    dash_duo.start_server(dash_of(app), navigate=False)
    dash_duo.driver.get(f"{dash_duo.server.url}/login")
    dash_duo.driver.find_element(By.NAME, "name").send_keys("anna")
    dash_duo.driver.find_element(By.NAME, "password").send_keys(desks.PASSWORD + "\n")
    dash_duo.wait_for_text_to_equal('#live-positions .ag-row [col-id="symbol"]', "NVDA")
    assert dash_duo.get_logs() == []
    dash_duo.driver.get("about:blank")  # the driver would break into whoever still works
    app.extensions["feed"].stop()


def dash_of(app: Flask) -> Dash:
    dash: Dash = app.extensions["dash"]
    return dash
