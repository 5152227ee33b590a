# Writes expected.csv from cases.csv, in this folder: Rscript expected.R
# Made with R 4.2.2 and survival 3.5-3 (Debian 12: r-base-core, r-cran-survival). No test needs R.
library(survival)
options(warn = -1)
stopifnot(packageVersion("survival") == "3.5.3")
cases <- read.csv("cases.csv")
out <- file("expected.csv", "w")
writeLines("case,quantity,value", out)
put <- function(case, quantity, value)
  writeLines(paste(case, quantity, ifelse(is.finite(value), sprintf("%.15g", value), "NA"), sep = ","), out)
names_with_comma <- grepl(",", cases$case)
cases$case[names_with_comma] <- paste0('"', cases$case[names_with_comma], '"')
exact <- coxph.control(eps = 1e-13, iter.max = 100)

medians <- function(case, name, fit) {
  table <- summary(fit)$table
  put(case, paste0(name, "_median"), table["median"])
  put(case, paste0(name, "_median_lower"), table["0.95LCL"])
  put(case, paste0(name, "_median_upper"), table["0.95UCL"])
}
test <- function(case, name, formula, data) {
  result <- try(survdiff(formula, data), silent = TRUE)
  if (inherits(result, "try-error")) return()  # R stops where no event tells the groups apart
  degrees <- sum(rowSums(as.matrix(result$exp)) > 0) - 1
  put(case, paste0(name, "_chi2"), if (degrees > 0) result$chisq else NA)
  put(case, paste0(name, "_p"), if (degrees > 0) result$pvalue else NA)
}
ratio <- function(case, name, formula, data) {
  fit <- try(coxph(formula, data, control = exact), silent = TRUE)
  # A coefficient beyond 10, or without variance, is R's way to say that there is none.
  finite <- !inherits(fit, "try-error") && sum(data$e) > 0 && is.finite(coef(fit)) &&
    abs(coef(fit)) < 10 && fit$var[1, 1] > 0
  put(case, paste0(name, "_coef"), if (finite) coef(fit) else NA)
  if (!finite) return()
  put(case, paste0(name, "_se"), sqrt(fit$var[1, 1]))
  put(case, paste0(name, "_p"), summary(fit)$coefficients[1, "Pr(>|z|)"])
  robust <- coxph(formula, data, control = exact, robust = TRUE)
  put(case, paste0(name, "_robust_se"), sqrt(robust$var[1, 1]))
  drift <- try(cox.zph(fit, global = FALSE)$table[1, "chisq"], silent = TRUE)
  put(case, paste0(name, "_zph"), if (inherits(drift, "try-error")) NA else drift)
}
for (case in unique(cases$case)) {
  data <- cases[cases$case == case, ]
  groups <- sort(unique(data$g))
  tau <- min(tapply(data$t, data$g, max))
  for (group in groups) {
    own <- data[data$g == group, ]
    fit <- survfit(Surv(t, e) ~ 1, own, conf.type = "log-log")
    medians(case, paste0("g", group), fit)
    medians(case, paste0("follow_up_g", group), survfit(Surv(t, 1 - e) ~ 1, own, conf.type = "log-log"))
    put(case, paste0("g", group, "_last_survival"), tail(fit$surv, 1))
    first <- which(fit$surv < 1 & fit$surv > 0)[1]
    put(case, paste0("g", group, "_first_day"), fit$time[first])
    put(case, paste0("g", group, "_first_lower"), fit$lower[first])
    put(case, paste0("g", group, "_first_upper"), fit$upper[first])
    mean <- survival:::survmean(fit, rmean = tau)$matrix
    put(case, paste0("g", group, "_rmst"), mean[5])
    put(case, paste0("g", group, "_rmst_se"), mean[6])
  }
  if (length(groups) > 1 && sum(data$e) > 0) {
    test(case, "logrank", Surv(t, e) ~ g, data)
    test(case, "stratified_logrank", Surv(t, e) ~ g + strata(s), data)
  }
  if (length(groups) == 2) {
    data$other <- as.integer(data$g == max(data$g))
    ratio(case, "cox", Surv(t, e) ~ other, data)
    ratio(case, "stratified_cox", Surv(t, e) ~ other + strata(s), data)
  }
  data$cause <- factor(ifelse(data$e == 0, 0, 1 + data$s %% 2), 0:2)
  if (all(table(data$cause) > 0)) {
    fit <- survfit(Surv(t, cause) ~ 1, data)
    at <- ceiling(length(fit$time) / 2)
    put(case, "incidence_day", fit$time[at])
    for (cause in 1:2) {
      put(case, paste0("incidence_", cause), fit$pstate[at, 1 + cause])
      put(case, paste0("incidence_se_", cause), fit$std.err[at, 1 + cause])
    }
  }
}
close(out)
