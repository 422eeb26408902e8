# Stillframe from Terraform or OpenTofu: the packaged template as a stack. docs/deploy.md, "From Terraform", has the
# command that writes packaged.yaml.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "stack_name" {
  type    = string
  default = "stillframe"
}

variable "artifact_bucket" {
  type        = string
  description = "The bucket that sam package wrote to."
}

variable "template" {
  type        = string
  default     = "packaged.yaml"
  description = "What sam package wrote."
}

# A template of more than 51,200 bytes is read from a bucket only. The name changes with the content, so a new
# template is an update of the stack.
resource "aws_s3_object" "template" {
  bucket = var.artifact_bucket
  key    = "${var.stack_name}/${filemd5(var.template)}.yaml"
  source = var.template
}

resource "aws_cloudformation_stack" "stillframe" {
  name         = var.stack_name
  template_url = "https://${var.artifact_bucket}.s3.amazonaws.com/${aws_s3_object.template.key}"
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]

  parameters = {
    Api         = "http"
    MemorySize  = 2048
    OutputDays  = 7
    EgressAllow = ""
  }
}

output "api_url" {
  value = aws_cloudformation_stack.stillframe.outputs["ApiUrl"]
}

output "auth_token_secret_arn" {
  value = aws_cloudformation_stack.stillframe.outputs["AuthTokenSecretArn"]
}

output "direct_invoke_function" {
  value = aws_cloudformation_stack.stillframe.outputs["DirectInvokeFunction"]
}
